// Runs once, in the server's own shell, when its folder is empty: the program reads and writes its own
// databases and no others.
const databases = ["daybook", "daybook-views", "daybook-erasures"];
db.getSiblingDB("admin").createUser({
  user: "daybook",
  pwd: process.env.MONGODB_PASSWORD,
  roles: databases.map((name) => ({ role: "readWrite", db: name })),
});
