"""The Faust app: the only place that knows Faust."""
