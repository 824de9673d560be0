import org.gradle.api.DefaultTask
import org.gradle.api.GradleException
import org.gradle.api.logging.LogLevel
import org.gradle.api.tasks.Input
import org.gradle.api.tasks.TaskAction
import org.gradle.process.ExecOperations
import java.io.File
import javax.inject.Inject

/**
 * Lets the Tauri CLI build the Rust library for one processor, from inside a Gradle build.
 *
 * `tauri android init` writes a file of this name with these four inputs; either will do.
 */
abstract class BuildTask : DefaultTask() {
    @get:Inject
    abstract val execOperations: ExecOperations

    /** From [projectDir] to where `tauri.conf.json` is. */
    @Input
    var rootDirRel: String? = null

    @Input
    var projectDir: String? = null

    /** "aarch64" and the like. */
    @Input
    var target: String? = null

    @Input
    var release: Boolean? = null

    @TaskAction
    fun assemble() {
        val root = File(given(projectDir), given(rootDirRel))
        val line = mutableListOf("tauri", "android", "android-studio-script")
        if (logger.isEnabled(LogLevel.DEBUG)) {
            line += "-vv"
        } else if (logger.isEnabled(LogLevel.INFO)) {
            line += "-v"
        }
        if (given(release)) line += "--release"
        line += listOf("--target", given(target))
        execOperations.exec {
            workingDir(root)
            executable("cargo")
            args(line)
        }.assertNormalExitValue()
    }

    private fun <T : Any> given(value: T?): T = value ?: throw GradleException("$name was not told all it needs")
}
