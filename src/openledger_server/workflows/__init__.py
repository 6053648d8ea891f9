"""The things the system does, one module each: link an item, sync it, change a category, open an entity's books."""
