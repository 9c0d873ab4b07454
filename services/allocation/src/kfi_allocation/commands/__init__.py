"""The commands of ``kfi-allocation``, one file each."""
