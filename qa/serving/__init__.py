"""The answerer for other programs: over HTTP (`sanad serve`) and for assistants (`sanad mcp`). Needs the extras of those names."""
