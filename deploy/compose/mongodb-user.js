// Runs once, in the server's own shell, when its folder is empty: the program reads and writes its own
// databases and no others.
const databases = ["daybook", "daybook-views", "daybook-erasures"];
db.getSiblingDB("admin").createUser({
  user: "daybook",
  // biome-ignore lint/suspicious/noUndeclaredEnvVars: the database server runs this, and no task here.
  pwd: process.env.MONGODB_PASSWORD,
  roles: databases.map((name) => ({ role: "readWrite", db: name })),
});
