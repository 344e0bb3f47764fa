"""Where the embedded broker keeps what it holds, when it is to outlive it: objects in a folder."""
