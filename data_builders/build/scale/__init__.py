"""The engine datatrove: a build in stages, each of which is parted into tasks."""
