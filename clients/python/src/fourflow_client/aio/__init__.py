"""The client for tasks. The one for threads is made of it: ``tools/sync_client.py``."""
