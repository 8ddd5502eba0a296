"""Films in which people walk: MakeHuman bodies, simulated cloth, rendered by Blender."""
