// How large the client is in a page: minified and compressed, with what it depends on.
import { gzipSync } from "node:zlib";
import { build } from "vite";

const imports = {
  connect: {
    code: "import { connect } from './src/index.ts'; globalThis.used = connect;",
    limit: 6000,
  },
  "connect and Hub": {
    code: "import { connect, Hub } from './src/index.ts'; globalThis.used = [connect, Hub];",
    limit: 9000,
  },
};

async function sizeOf(code) {
  const entry = {
    name: "entry",
    resolveId: (id) => (id === "entry" ? id : null),
    load: (id) => (id === "entry" ? code : null),
  };
  const { output } = await build({
    configFile: false,
    logLevel: "error",
    plugins: [entry],
    build: {
      write: false,
      target: "es2022",
      modulePreload: false,
      rollupOptions: { input: "entry" },
    },
  });
  return gzipSync(output[0].code, { level: 9 }).length;
}

for (const [name, { code, limit }] of Object.entries(imports)) {
  const size = await sizeOf(code);
  console.log(`${name}: ${size} of ${limit} bytes`);
  if (size > limit) process.exitCode = 1;
}
