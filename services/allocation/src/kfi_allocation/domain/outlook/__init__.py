"""Forward notice: how many people a town is likely to be given, as ranges, before anybody has decided; pure."""
