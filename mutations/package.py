"""Break the package; its tests must notice."""

from mutations.mutation import Mutation

MUTATIONS: tuple[Mutation, ...] = ()
