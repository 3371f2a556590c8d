import { z } from "zod";

// Compiling schemas needs what the content security policy forbids. Everything else is loaded after
// this, since schemas are made while modules load.
z.config({ jitless: true });

await import("./app/start.tsx");
