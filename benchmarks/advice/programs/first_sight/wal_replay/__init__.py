"""Write-ahead log replay for a toy key-value store."""
