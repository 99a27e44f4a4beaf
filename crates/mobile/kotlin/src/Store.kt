package com.roomcall

import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.nio.file.StandardOpenOption.CREATE
import java.nio.file.StandardOpenOption.TRUNCATE_EXISTING
import java.nio.file.StandardOpenOption.WRITE

/**
 * What was stored.
 *
 * @property state what `Handset.save` gave.
 * @property dead how many milliseconds ago it was stored, by the wall clock; null if nobody knows (D-25).
 */
class Saved(val state: ByteArray, val dead: Long?)

/** Where the state of a handset outlives the process. */
interface Store {
    /** What was stored last; null if nothing was. */
    fun load(): Saved?

    /** Replaces it, as a whole or not at all. When this returns, a kill does not lose it. */
    fun store(state: ByteArray)
}

/** The state in a file, behind the time of the wall clock. Its folder is made. */
class FileStore(
    private val path: Path,
    private val wall: () -> Long = System::currentTimeMillis,
) : Store {
    override fun load(): Saved? {
        if (!Files.exists(path)) return null
        val content = ByteBuffer.wrap(Files.readAllBytes(path))
        check(content.remaining() > Long.SIZE_BYTES) { "$path has no saved handset" }
        val dead = wall() - content.getLong()
        val state = ByteArray(content.remaining()).also { content.get(it) }
        return Saved(state, dead.takeIf { it >= 0 })
    }

    override fun store(state: ByteArray) {
        val folder = path.toAbsolutePath().parent
        if (!Files.isDirectory(folder)) Files.createDirectories(folder)
        val next = path.resolveSibling("${path.fileName}.next")
        val content = ByteBuffer.allocate(Long.SIZE_BYTES + state.size).putLong(wall()).put(state).flip()
        FileChannel.open(next, CREATE, WRITE, TRUNCATE_EXISTING).use { file ->
            while (content.hasRemaining()) file.write(content)
            file.force(true)
        }
        Files.move(next, path, ATOMIC_MOVE)
    }
}
