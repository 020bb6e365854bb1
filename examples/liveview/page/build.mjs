// Builds the page: node build.mjs writes dist, which is committed. What it writes depends on the
// sources and the lock file alone.
import { build } from "esbuild";
import { copyFile, mkdir, rm } from "node:fs/promises";

const dist = new URL("dist/", import.meta.url);
const source = (name) => new URL(`src/${name}`, import.meta.url);

await rm(dist, { recursive: true, force: true });
await mkdir(dist);
await build({
  absWorkingDir: new URL(".", import.meta.url).pathname,
  entryPoints: { page: "src/main.mjs", layout: "src/layout.worker.mjs", style: "src/page.css" },
  outdir: "dist",
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "eof",
  logLevel: "warning",
});
for (const name of ["index.html", "icon.svg"]) await copyFile(source(name), new URL(name, dist));
