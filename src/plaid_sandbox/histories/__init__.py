"""The users of the sandbox and their bank histories."""
