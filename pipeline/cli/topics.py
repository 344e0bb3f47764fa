"""`pipeline topics`: the declared topics and the broker's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

import typer

from pipeline.cli.output import EXIT_PROBLEMS, AsJson, print_json, print_table, say
from pipeline.kafka import remake as moving
from pipeline.kafka.admin import Admin
from pipeline.kafka.topicconfig import Harm, TopicState
from pipeline.kafka.topics import Topic, topic_name
from pipeline.settings import Settings

app = typer.Typer(help="Create or compare the declared topics.", no_args_is_help=True)


@app.command()
def ensure(
    *,
    shrink: Annotated[
        bool,
        typer.Option(
            "--shrink",
            help="Also shorten retention and lower limits to what is declared: messages that are there may go.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Create the topics that are missing and bring the settings of the others to what is declared.

    Exit 1 when a difference is left that can lose or stop articles.
    """
    with Admin(Settings.load()) as admin:
        before = admin.ensure_topics(shrink=shrink)
        after = admin.topic_states()
    _show(
        after,
        as_json=as_json,
        made={state.spec.name for state in before if state.present is None},
        changed={state.spec.name: state.changes(shrink=shrink) for state in before},
    )


@app.command("list")
def list_topics(*, as_json: AsJson = False) -> None:
    """Compare the declared topics with the broker's; exit 1 for a difference that can lose or stop articles."""
    with Admin(Settings.load()) as admin:
        _show(admin.topic_states(), as_json=as_json, made=set(), changed={})


@app.command()
def remake(
    *,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it; without this it only says what it would do.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make the raw topic anew with one partition, all its messages with it.

    Stop the workers of the stage `duplicates` first. Producers are refused meanwhile, and are told so. May be
    interrupted and run again; what was read before is read again, which changes nothing in the store.
    """
    settings = Settings.load()
    if not yes:
        say(f"would make {topic_name(settings, Topic.RAW)} anew and move its messages: add --yes")
        return
    done = moving.remake(settings)
    if as_json:
        print_json(asdict(done))
    elif done.moved is not None:
        say(f"{done.topic} has {done.partitions} partition, and its {done.moved} messages")
    else:
        say(f"{done.topic} has {done.partitions} partition: there was nothing to do")


def _show(
    states: list[TopicState], *, as_json: bool, made: set[str], changed: Mapping[str, Mapping[str, str]]
) -> None:
    if as_json:
        print_json(
            [
                {
                    **_record(state),
                    "created": state.spec.name in made,
                    "changed": changed.get(state.spec.name, {}),
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
                    _in_words(state, made=state.spec.name in made, changed=changed.get(state.spec.name, {})),
                )
                for state in states
            ),
        )
    if any(state.said(Harm.STOPS, Harm.RISKS) for state in states):
        raise typer.Exit(EXIT_PROBLEMS)


def _record(state: TopicState) -> dict[str, Any]:
    present = state.present
    return {
        "topic": state.spec.name,
        "partitions": state.partitions,
        "declared_partitions": state.spec.partitions,
        "config": present.config if present else None,
        "declared_config": state.spec.config,
        "problem": state.problem,
        "differences": [
            {"harm": difference.harm, "what": difference.what, "remedy": difference.remedy}
            for difference in state.differences
        ],
    }


def _in_words(state: TopicState, *, made: bool, changed: Mapping[str, str]) -> str:
    done = ["created"] if made else []
    if changed:
        done.append("set " + ", ".join(f"{setting}={value}" for setting, value in changed.items()))
    left = state.said(*Harm)
    if not left and not done:
        done.append("as declared")
    if state.present and state.present.config is None:
        done.append("its settings are unknown: the broker does not tell them")
    return "; ".join([*done, *([left] if left else [])])
