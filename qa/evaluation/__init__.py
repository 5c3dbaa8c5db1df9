"""Measuring what the system claims: gold questions, systems, metrics, reports and the gate."""
