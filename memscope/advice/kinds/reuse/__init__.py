"""Memory that is made and dropped over and over, where what is there could serve again."""
