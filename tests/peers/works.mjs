// Does with the Hub what one does with a repository, and says what came.
import * as hub from "@huggingface/hub";

const [hubUrl, accessToken, user, size] = process.argv.slice(2);
const here = { hubUrl, accessToken };
const repo = { type: "model", name: `${user}/js` };
const of = { ...here, repo };
const large = new Uint8Array(Number(size)).map((_, place) => (place * 7) % 251);
const file = (path, content) => ({ path, content: new Blob([content]) });

async function all(each) {
  const found = [];
  for await (const one of each) found.push(one);
  return found;
}

async function failure(promise) {
  try {
    await promise;
  } catch (error) {
    return [error.constructor.name, error.statusCode];
  }
  return null;
}

const me = await hub.whoAmI(here);
const made = await hub.createRepo({ ...of, visibility: "private" });
for (const type of ["dataset", "space"]) await hub.createRepo({ ...here, repo: { type, name: `${user}/js` } });
const taken = await failure(hub.createRepo(of));
const first = await hub.uploadFiles({
  ...of,
  commitTitle: "Files",
  files: [file("README.md", "---\nlicense: mit\n---\n# JS\n"), file("config.json", '{"model_type": "bert"}'), file("deep/er/späte Datei.txt", "grüße\n"), file("model.safetensors", large)],
});
const second = await hub.commit({
  ...of,
  title: "Change",
  description: "In one commit.",
  parentCommit: first.commit.oid,
  operations: [
    { operation: "addOrUpdate", ...file("added.txt", "added\n") },
    { operation: "delete", path: "config.json" },
  ],
});
const late = await failure(hub.commit({ ...of, title: "Late", parentCommit: first.commit.oid, operations: [{ operation: "delete", path: "added.txt" }] }));
const pull = await hub.commit({
  ...of,
  title: "Propose",
  isPullRequest: true,
  operations: [{ operation: "addOrUpdate", ...file("proposed.txt", "proposed\n") }, { operation: "addOrUpdate", ...file("proposed.bin", large.slice(1)) }],
});
await hub.createBranch({ ...of, branch: "try/this", revision: first.commit.oid });
await hub.createBranch({ ...of, branch: "short" });
await hub.deleteBranch({ ...of, branch: "short" });
await hub.uploadFile({ ...of, branch: "try/this", file: file("branch.txt", "branch\n") });
await hub.deleteFile({ ...of, path: "added.txt", commitTitle: "Take it away" });

const content = await (await hub.downloadFile({ ...of, path: "model.safetensors" })).arrayBuffer();
const information = await hub.fileDownloadInfo({ ...of, path: "model.safetensors" });
const missing = await hub.downloadFile({ ...of, path: "missing" });
const commits = await all(hub.listCommits({ ...of, batchSize: 2 }));
const [model] = await all(hub.listModels({ ...here, search: { owner: user }, additionalFields: ["sha", "author", "tags"] }));
const collection = await hub.createCollection({ ...here, collection: { title: "From JS", namespace: user, description: "Of it", item: { type: "model", id: repo.name } } });

const passing = await hub.createCollection({ ...here, collection: { title: "Passing", namespace: user } });
await hub.deleteCollection({ ...here, slug: passing.slug });

console.log(
  JSON.stringify({
    me: [me.type, me.name, me.auth.type, me.auth.accessToken.role],
    made: [made.repoUrl, made.id],
    taken,
    first: first.commit.oid,
    second: second.commit.oid,
    late,
    pull: pull.pullRequestUrl,
    files: (await all(hub.listFiles({ ...of, recursive: true }))).map((one) => [one.type, one.path, one.size, one.lfs?.oid ?? one.oid]),
    paths: (await hub.pathsInfo({ ...of, paths: ["deep", "model.safetensors", "missing"], expand: true })).map((one) => [one.path, one.lastCommit.title]),
    exists: [await hub.fileExists({ ...of, path: "README.md" }), await hub.fileExists({ ...of, path: "missing" })],
    there: [await hub.repoExists(of), await hub.repoExists({ ...here, repo: `${user}/none` })],
    text: await (await hub.downloadFile({ ...of, path: "deep/er/späte Datei.txt", revision: "try/this" })).text(),
    large: Buffer.compare(Buffer.from(content), Buffer.from(large)),
    information: [information.size, information.etag],
    missing,
    commits: commits.map((one) => [one.oid, one.title, one.message, one.authors.map((author) => author.username)]),
    count: await hub.countCommits({ ...of, revision: "main" }),
    model: [model.name, model.private, model.sha, model.author, model.tags],
    info: (await hub.modelInfo({ ...here, name: repo.name, additionalFields: ["sha"] })).sha,
    datasets: (await all(hub.listDatasets({ ...here, search: { owner: user } }))).map((one) => one.name),
    spaces: (await all(hub.listSpaces({ ...here, search: { owner: user }, additionalFields: ["sdk"] }))).map((one) => [one.name, one.sdk]),
    anonymous: await failure(hub.checkRepoAccess({ hubUrl, repo })),
    slug: collection.slug,
    collections: (await all(hub.listCollections({ ...here, search: { owner: [user] } }))).map((one) => [one.slug, one.items.map((item) => [item.type, item.id])]),
  }),
);
await hub.deleteRepo({ ...here, repo: { type: "dataset", name: `${user}/js` } });
