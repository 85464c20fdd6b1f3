"""MongoDB's wire protocol, without sockets."""
