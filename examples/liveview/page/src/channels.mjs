// What the page has of the view: channels with collections, changed by snapshots and updates.

export class Channel {
  id = 0;
  collections = {};
  known = false; // a snapshot has come
  version = 0; // grows with every change

  collection(name) {
    return (this.collections[name] ??= new Map());
  }

  one(collection, key) {
    return this.collections[collection]?.get(key);
  }

  replace(data, id = 0) {
    this.collections = {};
    for (const [name, entities] of Object.entries(data)) {
      this.collections[name] = new Map(Object.entries(entities));
    }
    this.id = id;
    this.known = true;
    this.version++;
  }

  // update applies an update, and reports whether it continues from the last one.
  update({ id, set = {}, del = {} }) {
    if (!this.known || id !== this.id + 1) return false;
    for (const [name, entities] of Object.entries(set ?? {})) {
      const into = this.collection(name);
      for (const [key, entity] of Object.entries(entities)) into.set(key, entity);
    }
    for (const [name, keys] of Object.entries(del ?? {})) {
      for (const key of keys) this.collection(name).delete(key);
    }
    this.id = id;
    this.version++;
    return true;
  }
}
