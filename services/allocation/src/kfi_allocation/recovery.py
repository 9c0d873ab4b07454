"""What was decided on households, rebuilt from the service's own events after a restore."""

from kfi_chassis.restore.declaration import Recovery

recovery = Recovery()
