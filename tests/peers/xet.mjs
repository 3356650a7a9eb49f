// Uploads files to a repository through Xet, or downloads them and tells their hashes.
import * as hub from "@huggingface/hub";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const [hubUrl, accessToken, action, name, ...rest] = process.argv.slice(2);
const of = { hubUrl, accessToken, repo: { type: "model", name } };
const told = {};

if (action === "upload") {
  const [folder, ...paths] = rest;
  const files = paths.map((path) => ({ path, content: new Blob([readFileSync(`${folder}/${path}`)]) }));
  const done = await hub.uploadFiles({ ...of, files, useXet: true });
  told.commit = done.commit.oid;
} else {
  for (const path of rest) {
    const blob = await hub.downloadFile({ ...of, path, xet: true });
    told[path] = createHash("sha256").update(Buffer.from(await blob.arrayBuffer())).digest("hex");
  }
}
console.log(JSON.stringify(told));
