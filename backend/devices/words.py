"""What happened with devices, as a ticket's log says it: the end of a sentence that begins with a name."""

from backend.i18n import N_

HAPPENED = {
    "device_connected": N_("connected to a device: %(after)s"),
    "device_added": N_("added a device: %(after)s"),
    "device_changed": N_("changed a device from %(before)s to %(after)s"),
    "device_removed": N_("removed a device: %(before)s"),
    "device_restored": N_("brought a device back: %(after)s"),
}
