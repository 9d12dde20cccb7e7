"""Two fictional news sites and the loopback server that answers for them: for the demo and for the tests."""
