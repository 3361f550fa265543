// What TypeDoc's options cannot say.
import { ReflectionKind } from "typedoc";

export function load(app) {
  // a package with several entry points calls its main one "index", where TypeDoc leaves it unnamed
  app.converter.on("resolveBegin", ({ project }) => {
    for (const module of project.children ?? []) if (module.name === "") module.name = "index";
  });

  // Exported functions and constants must be documented. TypeDoc's own check would ask it of every method too, and of
  // the error classes, whose words stand in the table of the package's errors.
  app.converter.on("resolveEnd", ({ project }) => {
    const ours = (one) =>
      project.getSymbolIdFromReflection(one)?.packageName.startsWith("@infra/") ?? true;
    for (const one of project.getReflectionsByKind(ReflectionKind.Function).filter(ours)) {
      if (!one.signatures?.some(isDocumented)) sayUndocumented(app, one);
    }
    for (const one of project.getReflectionsByKind(ReflectionKind.Variable).filter(ours)) {
      if (!one.name.endsWith("Error") && !isDocumented(one)) sayUndocumented(app, one);
    }
  });
}

function isDocumented(reflection) {
  return reflection.hasComment() || reflection.type?.declaration?.signatures?.some(isDocumented);
}

function sayUndocumented(app, reflection) {
  app.logger.warn(`${reflection.getFriendlyFullName()} has no documentation`);
}
