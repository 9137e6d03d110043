// Runs before anything of TypeScript: a Node that cannot read it gets one line instead of a syntax error.
const needed = 24;
const major = Number(process.versions.node.split('.')[0]);
if (major < needed) {
  console.error(
    `Suture needs Node ${needed} or newer and this is ${process.version}: no Node ${needed} is bundled for ${process.platform}-${process.arch}, so install it and try again.`,
  );
  process.exit(1);
}
