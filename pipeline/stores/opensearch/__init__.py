"""OpenSearch as the store: records as documents, for newsrooms that search and draw with it already."""
