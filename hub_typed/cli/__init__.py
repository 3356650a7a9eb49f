"""The command line ``hub-typed``: an extra, of which the library imports nothing.

A command is a short function with types: it calls the client and gives the results to `Output`. Cyclopts makes the
options and the help from its signature and its docstring. `hub_typed.cli.app` makes errors one line on stderr and an
`ExitCode`; stdout has the results alone.

To add a command:

1. Write a function in ``hub_typed/cli/commands/<area>.py``, with the names and options of the official ``hf``::

    @app.command(name="list", alias="ls")
    def list_tags(
        repo_id: RepoId, /, *, repo_type: RepoType = "model", hub: HubOptions = HubOptions(), output: Output = Output()
    ) -> None:
        "List the tags of a repository."
        with hub.client() as api:
            tags = api.list_repo_refs(repo_id, repo_type=repo_type).tags
        columns = {"tag": lambda one: one.name, "commit": lambda one: one.target_commit}
        output.rows(tags, columns, id=lambda one: one.name)

   Arguments that have no name on the command line stand before ``/``. Types that several commands use, with their help,
   are in `repo_arguments` and `shared_options`; other help goes into ``Args:`` of the docstring. Lists are given to
   `Output.rows` as iterators, so that they stream; one thing to `Output.record`, the outcome of an action to
   `Output.done`, text such as a log to `Output.text`, and remarks for people to `Output.note`. Sizes are `Size`, dates
   `datetime`, so that programs get them exactly.
2. A new area is a module with ``app: App = App(name=..., help=...)``, whose name is added to ``AREAS`` in `app`; a
   command without an area is added to ``COMMANDS``. Import the client inside of functions: help and completion import
   all modules.
3. What cannot be undone takes ``yes: Yes = False`` and calls `confirm` first. Arguments that contradict each other
   raise `CommandError`. Errors of the library need no handling: `failures` chooses the exit code by their class.
4. Test it in ``tests/cli/test_<area>.py``, where the fixture ``run`` calls a command on an embedded Hub: exit code,
   text, ``--json``, wrong arguments, and without a network (fixture ``offline``); ``start`` runs it as a process.
"""
