"""How dates are written in each language, where Django's own way isn't ours: see FORMAT_MODULE_PATH."""
