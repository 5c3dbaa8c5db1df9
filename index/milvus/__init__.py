"""An index on a Milvus server: what a folder cannot hold, or several programs ask. How it lies there: docs/stores.md."""
