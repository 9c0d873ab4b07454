"""What the command's exit code tells; 0 is done."""

NOT_SOUND = 1
NOT_READABLE = 2
INFEASIBLE = 3
