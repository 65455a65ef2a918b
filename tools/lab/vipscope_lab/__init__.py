"""A keepalived pair in network namespaces that records what really happened on its wire.

The rooms, in the order in which a run passes through them:

    cli -> run -> topology, keepalived, sensor, snapshot   what is built and started
                  traffic -> agent (one process per namespace)
                  truth                                    what was opened, what arrived
    check                                                  the result against its own capture

`scenarios/` holds one file per scenario; none of them knows how a namespace is made.
"""
