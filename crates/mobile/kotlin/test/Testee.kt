import com.roomcall.Handset
import com.roomcall.RunnerLine
import com.roomcall.runnerLine
import com.roomcall.testeeLine

/**
 * A testee of conformance by the typed API: each line becomes typed inputs, and the typed effects become a line.
 * The library has to be built with the feature `wire`: `cargo xtask mobile` does that.
 */
object Testee {
    @JvmStatic
    fun main(arguments: Array<String>) {
        var handset: Handset? = null
        for (text in System.`in`.bufferedReader().lineSequence()) {
            val effects = when (val line = runnerLine(text)) {
                is RunnerLine.End -> {
                    say("""{"ended":true}""")
                    continue
                }
                is RunnerLine.Begin -> {
                    handset = Handset(line.user, line.device, line.settings)
                    say("""{"ready":true}""")
                    continue
                }
                is RunnerLine.Restart -> {
                    handset = Handset.restore(checkNotNull(handset).save(), line.dead)
                    handset.redraw()
                }
                is RunnerLine.Inputs -> checkNotNull(handset).apply(line.at, line.inputs)
            }
            say(testeeLine(effects, checkNotNull(handset).screen()))
        }
    }

    private fun say(line: String) {
        println(line)
        System.out.flush()
    }
}
