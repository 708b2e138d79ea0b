// A program with the official SDK, unmodified: one JSON line in, one out. It knows its
// server by environment variables alone. A line names a component, a method of it and
// the arguments.
"use strict";
const { createInterface } = require("node:readline");
const catalyst = require("zcatalyst-sdk-node");

const COMPONENTS = {
  datastore: (app) => app.datastore(),
  table: (app) => app.datastore().table("Guests"),
  zcql: (app) => app.zcql(),
  segment: (app) => app.cache().segment(),
  filestore: (app) => app.filestore(),
  cron: (app) => app.cron(),
};
let app;

async function answer(line) {
  const [component, method, ...given] = JSON.parse(line);
  try {
    app ??= catalyst.initializeApp();
    return { result: await COMPONENTS[component](app)[method](...given) };
  } catch (error) {
    // Of the token endpoint it throws text, of the API an object without a class.
    if (typeof error === "string") return { thrown: error };
    return { error: error.code, status: error.statusCode, message: error.message };
  }
}

(async () => {
  for await (const line of createInterface({ input: process.stdin }))
    process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
  process.exit();
})();
