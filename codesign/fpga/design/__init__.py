"""What a design is and what it costs: implementation, reports, parts, budgets, and the choice among designs."""
