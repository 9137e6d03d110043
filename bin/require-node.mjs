// Runs before any TypeScript, so that an older Node prints one line instead of a syntax error.
const REQUIRED_MAJOR = 24;
const major = Number(process.versions.node.split('.')[0]);
if (major < REQUIRED_MAJOR) {
  console.error(
    `Suture needs Node ${REQUIRED_MAJOR} or newer and this is ${process.version}: no Node ${REQUIRED_MAJOR} is bundled for ${process.platform}-${process.arch}, so install it and try again.`,
  );
  process.exit(1);
}
