"""Who may do what, and who looks on."""
