/** Ends the process with a sentence that helps when Node is too old to run the TypeScript of this repository. */
export function requireNode(): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return;
  process.stderr.write(
    `This needs Node 22.18 or newer; this is ${process.versions.node}. On Linux x64 \`npx -y pnpm@12 demo\` brings its own.\n`,
  );
  process.exit(1);
}
