import type { Container } from "@infra/di";
import type { StandardSchemaTypeProvider } from "@infra/middleware/validation";
import type { RouteGroup } from "@infra/server";

/** Adds the routes of one feature; what they work with is in the container. */
export type AppRoutes = (
  routes: RouteGroup<StandardSchemaTypeProvider>,
  container: Container,
) => void;
