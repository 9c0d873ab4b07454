"""MSO Einzelprojektförderung: one project of an association of people with a history of immigration.

Share financing with an own share and a limit for civic work. Where the sources leave a value open (cap, kind of the
deadline, basis of the civic work limit) it comes with the call.
"""
