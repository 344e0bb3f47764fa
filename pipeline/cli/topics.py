"""`pipeline topics`: the declared topics and the broker's."""

from __future__ import annotations

import typer

from pipeline.broker import Admin, TopicState
from pipeline.cli.output import EXIT_PROBLEMS, AsJson, print_json, print_table
from pipeline.settings import Settings

app = typer.Typer(help="Create or compare the declared topics.", no_args_is_help=True)


@app.command()
def ensure(*, as_json: AsJson = False) -> None:
    """Create the topics that are missing; exit 1 when one that is there is not as declared."""
    with Admin(Settings.load()) as admin:
        before = admin.ensure_topics()
        after = admin.topic_states()
    made = {state.spec.name for state in before if state.partitions is None}
    _show(after, as_json=as_json, made=made)


@app.command("list")
def list_topics(*, as_json: AsJson = False) -> None:
    """Compare the declared topics with the broker's; exit 1 when they differ."""
    with Admin(Settings.load()) as admin:
        _show(admin.topic_states(), as_json=as_json, made=set())


def _show(states: list[TopicState], *, as_json: bool, made: set[str]) -> None:
    if as_json:
        print_json(
            [
                {
                    "topic": state.spec.name,
                    "partitions": state.partitions,
                    "declared_partitions": state.spec.partitions,
                    "created": state.spec.name in made,
                    "problem": state.problem,
                }
                for state in states
            ]
        )
    else:
        print_table(
            ("topic", "partitions #", "declared #", "state"),
            (
                (
                    state.spec.name,
                    state.partitions,
                    state.spec.partitions,
                    state.problem or ("created" if state.spec.name in made else "as declared"),
                )
                for state in states
            ),
        )
    if any(state.problem for state in states):
        raise typer.Exit(EXIT_PROBLEMS)
