"""A model beside its base: what their difference rests on, and the verdict that follows."""
