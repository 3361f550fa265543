/** The body of a second-level section of a README, or undefined. */
export function readmeSection(readme, heading) {
  const lines = readme.split("\n");
  const start = lines.indexOf(`## ${heading}`);
  if (start < 0) return undefined;
  let fenced = false;
  const end = lines.findIndex((line, at) => {
    if (at > start && line.startsWith("```")) fenced = !fenced;
    return at > start && !fenced && line.startsWith("## ");
  });
  return lines.slice(start + 1, end < 0 ? undefined : end).join("\n");
}

/** The fenced blocks of one language ("ts", "sh", …) in a text. */
export function fencedBlocks(text, language) {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map(
    (match) => match[1],
  );
}

/** What the block claims to print: the text behind each `// => `, in order. */
export function claimedOutput(block) {
  return [...block.matchAll(/\/\/ => (.*)$/gm)].map((match) => match[1].trim());
}

/** The first claim that the output does not hold, in order; undefined when all hold. */
export function firstBrokenClaim(block, output) {
  const lines = output.split("\n").map((line) => line.trim());
  let from = 0;
  for (const claim of claimedOutput(block)) {
    const at = lines.indexOf(claim, from);
    if (at < 0) return claim;
    from = at + 1;
  }
  return undefined;
}
