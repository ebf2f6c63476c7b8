"""The PostgreSQL store: the tables and guards of the SQLite store on a server, for many hosts at once.

It needs the extra `postgres`. `routing migrate` makes a store; opening one never creates anything.
"""
