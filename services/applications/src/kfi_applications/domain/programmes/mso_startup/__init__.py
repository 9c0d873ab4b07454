"""MSO Anschubförderung: the first steps of a young association of people with a history of immigration.

Full financing up to a highest sum for each calendar year. How old an association may be has changed and the sources do
not say from which call on, so the version is that of the call (`Call.conditions_of`).
"""
