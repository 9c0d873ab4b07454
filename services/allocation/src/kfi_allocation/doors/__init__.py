"""How towns are told what concerns them: the feed, webhooks, and a topic of their own at the broker."""
