"""Reports for people and the JSON documents that scripts rely on."""
