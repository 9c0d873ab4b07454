"""What towns say of themselves: how many they can take, and when nobody; which flats and which care they have; pure."""
