"""The words of delivery: letters, notifications, announcement; pure."""
