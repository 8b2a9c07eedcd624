"""Outside parties for development: banks and a registry that keep their own books.

Nothing here knows the platform, and the platform knows nothing of this package but the documented ports
(docs/operations/sandbox.md). Everything is marked SANDBOX; no money moves anywhere.
"""
